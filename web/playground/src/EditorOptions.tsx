// Monaco takes its font, its colours and its accessible names from options and not from the style sheet, and GraphiQL
// passes none on.
import { useGraphiQL, useMonaco, type MonacoEditor } from '@graphiql/react';
import { useEffect } from 'react';

export function EditorOptions() {
  useThemes();
  useOptions(
    useGraphiQL(state => state.queryEditor),
    'Operation',
  );
  useOptions(
    useGraphiQL(state => state.variableEditor),
    'Variables',
  );
  useOptions(
    useGraphiQL(state => state.headerEditor),
    'Headers',
  );
  useOptions(
    useGraphiQL(state => state.responseEditor),
    'Response',
  );
  return null;
}

function useOptions(editor: MonacoEditor | undefined, ariaLabel: string) {
  useEffect(() => {
    const fontFamily = getComputedStyle(document.documentElement).getPropertyValue('--mono');
    editor?.updateOptions({ ariaLabel, fontFamily, fontSize: 13.5, lineDecorationsWidth: 4, renderFinalNewline: 'on' });
  }, [editor, ariaLabel]);
}

/** GraphiQL's themes under their own names, in the colours of this page and with readable comments. */
function useThemes() {
  const monaco = useMonaco(state => state.monaco);
  useEffect(() => {
    monaco?.editor.defineTheme('graphiql-DARK', theme('vs-dark', '#161c27', '#56d3b8', '#dbe1ea', '#8a9bb0'));
    monaco?.editor.defineTheme('graphiql-LIGHT', theme('vs', '#ffffff', '#0b6e5d', '#232d3b', '#52606f'));
  }, [monaco]);
}

function theme(base: 'vs' | 'vs-dark', ground: string, accent: string, text: string, comment: string) {
  const tint = `${accent}26`;
  return {
    base,
    inherit: true,
    rules: [
      { token: 'comment', foreground: comment },
      { token: 'argument.identifier.gql', foreground: base === 'vs' ? '#5a4fcf' : '#a8a3ff' },
    ],
    colors: {
      'editor.background': '#ffffff00', // transparent
      'editor.foreground': text,
      'scrollbar.shadow': '#ffffff00',
      'editorHoverWidget.background': ground,
      'editorSuggestWidget.background': ground,
      'editorWidget.background': ground,
      'menu.background': ground,
      'quickInput.background': ground,
      focusBorder: accent,
      'textLink.foreground': accent,
      'textLink.activeForeground': accent,
      'editorLink.activeForeground': accent,
      'list.highlightForeground': accent,
      'list.focusHighlightForeground': accent,
      'list.hoverBackground': tint,
      'menu.selectionBackground': tint,
      'menu.selectionForeground': text,
      'quickInputList.focusBackground': tint,
      'quickInputList.focusForeground': text,
      'editorSuggestWidget.selectedBackground': tint,
      'editorSuggestWidget.selectedForeground': text,
      'toolbar.hoverBackground': tint,
    },
  };
}
