// Where the playground is on its host: the gateway writes it into the page.

/** What all addresses of the playground begin with: `/playground`, or '' where it has the host for itself. */
export function basePathOf(page: Pick<Document, 'querySelector' | 'baseURI'>): string {
  const content = page.querySelector('meta[name="playground-base"]')?.getAttribute('content') ?? '/';
  return new URL(content, page.baseURI).pathname.replace(/\/+$/, '');
}
