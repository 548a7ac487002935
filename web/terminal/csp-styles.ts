// Lets xterm's DOM renderer work under a Content-Security-Policy without 'unsafe-inline' styles.

/**
 * xterm writes <style> elements and, for 24-bit colours, style attributes; a strict policy refuses both and takes neither a nonce nor a hash for the latter.
 * What scripts do to style sheets and to element.style is allowed: so the elements that `document` creates from now on go that way.
 */
export function allowScriptedStyles(document: Document): void {
  const createElement = document.createElement.bind(document);
  const create = (name: string, options?: ElementCreationOptions): HTMLElement => {
    // Even an empty <style> is refused and reported, so another element that shows nothing stands in for it.
    if (name === 'style') return backedBySheet(document, createElement('template'));
    const element = createElement(name, options);
    if (name === 'span') element.setAttribute = setAttribute;
    return element;
  };
  document.createElement = create as Document['createElement'];
}

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

function backedBySheet(document: Document, element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((adopted) => adopted !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
