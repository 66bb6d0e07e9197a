// What GraphiQL tells screen readers wrongly, put right as it appears:
//   - the items of its row of tabs are called tabs, with two buttons in each, but what
//     is in a tab is not there to a screen reader: the row is made a list of buttons, of
//     which one is current;
//   - each item of the history is called "Set active", and not by its name;
//   - the explorer's choice of what to add has no name.
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
      document.querySelector('.graphiql-explorer-actions select:not([aria-label])')?.setAttribute('aria-label', 'Kind of operation to add');
    };
    const observer = new MutationObserver(correct);
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['role', 'aria-selected', 'aria-label'] });
    correct();
    return () => observer.disconnect();
  }, []);
  return null;
}
