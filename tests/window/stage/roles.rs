//! Finding things the way a person with a screen reader does: by role and name.

/// JavaScript, called with (role, name): the visible elements of that role whose accessible name is `name`, or, when there
/// is none, contains it. Covers what our pages use of ARIA's implicit roles and of the name computation.
pub const FIND: &str = r#"
const [role, name] = arguments;
const implicit = (el) => {
  const type = (el.getAttribute('type') || 'text').toLowerCase();
  switch (el.tagName) {
    case 'BUTTON': case 'SUMMARY': return 'button';
    case 'A': return el.hasAttribute('href') ? 'link' : '';
    case 'TEXTAREA': return 'textbox';
    case 'SELECT': return el.multiple || el.size > 1 ? 'listbox' : 'combobox';
    case 'OPTION': return 'option';
    case 'INPUT':
      if (['button', 'submit', 'reset', 'image'].includes(type)) return 'button';
      if (['checkbox', 'radio'].includes(type)) return type;
      if (type === 'number') return 'spinbutton';
      if (type === 'search') return 'searchbox';
      return type === 'hidden' ? '' : 'textbox';
    case 'H1': case 'H2': case 'H3': case 'H4': case 'H5': case 'H6': return 'heading';
    case 'DIALOG': return 'dialog';
    case 'NAV': return 'navigation';
    case 'MAIN': return 'main';
    case 'FORM': return 'form';
    case 'TABLE': return 'table';
    case 'TR': return 'row';
    case 'TD': return 'cell';
    case 'TH': return 'columnheader';
    case 'UL': case 'OL': return 'list';
    case 'LI': return 'listitem';
    case 'IMG': return 'img';
    case 'OUTPUT': return 'status';
    case 'PROGRESS': return 'progressbar';
    default: return '';
  }
};
const squeezed = (text) => (text || '').replace(/\s+/g, ' ').trim();
const named = (el) => {
  const by = el.getAttribute('aria-labelledby');
  if (by) return by.split(/\s+/).map((id) => document.getElementById(id)?.textContent || '').join(' ');
  if (el.hasAttribute('aria-label')) return el.getAttribute('aria-label');
  if (el.labels?.length) return [...el.labels].map((label) => label.textContent).join(' ');
  if (el.tagName === 'IMG') return el.alt;
  if (el.tagName === 'INPUT') return ['button', 'submit', 'reset'].includes(el.type) ? el.value : el.placeholder || el.title;
  if (el.tagName === 'TEXTAREA' || el.tagName === 'SELECT') return el.placeholder || el.title;
  return el.textContent.trim() ? el.textContent : el.title;
};
const seen = (el) =>
  el.getClientRects().length > 0 && getComputedStyle(el).visibility !== 'hidden' && !el.closest('[inert], [aria-hidden=true]');
const all = [...document.querySelectorAll('*')].filter(
  (el) => (el.getAttribute('role') || implicit(el)) === role && seen(el));
const exact = all.filter((el) => squeezed(named(el)) === name);
return exact.length ? exact : all.filter((el) => squeezed(named(el)).includes(name));
"#;
