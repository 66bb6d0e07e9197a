// Corrects ARIA roles and names of GraphiQL when its elements appear:
//   - the items of its row of tabs have the role tab, but hold two buttons each, which screen readers ignore in a tab:
//     the row becomes a list of buttons, of which one is current;
//   - each item of the history has the name "Set active" instead of its own;
//   - the explorer's selection of what to add has no name, and neither have its fields for values.
import { useEffect } from 'react';

export function Roles() {
  useEffect(() => {
    const correct = () => {
      for (const row of document.querySelectorAll('.graphiql-container [role=tablist]')) {
        row.removeAttribute('role');
      }
      for (const item of document.querySelectorAll('.graphiql-container li.graphiql-tab:is([role], [aria-selected])')) {
        item.removeAttribute('role');
        item.firstElementChild?.setAttribute('aria-current', item.getAttribute('aria-selected') ?? 'false');
        item.removeAttribute('aria-selected');
      }
      document.querySelector('#graphiql-session[role=tabpanel]')?.setAttribute('role', 'group');
      for (const item of document.querySelectorAll('.graphiql-history-item-label[aria-label]')) {
        item.removeAttribute('aria-label');
      }
      for (const field of document.querySelectorAll('.graphiql-plugin input[type=text]:not([aria-label], [role])')) {
        field.setAttribute('aria-label', 'Value of the argument');
      }
      document.querySelector('.graphiql-explorer-actions select:not([aria-label])')?.setAttribute('aria-label', 'Kind of operation to add');
    };
    const observer = new MutationObserver(correct);
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['role', 'aria-selected', 'aria-label'] });
    correct();
    return () => observer.disconnect();
  }, []);
  return null;
}
