// A page of plain HTML in the product's colours, for what is said outside the application: errors, the GitHub stand-in.
import { createHash } from 'node:crypto';

/** Marks text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
  toString = (): string => this.text;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
const render = (value: unknown): string => {
  if (value instanceof Html) return value.text;
  return Array.isArray(value) ? value.map(render).join('') : escapeHtml(String(value ?? ''));
};

/** HTML from a template; every value that is not Html itself is escaped. */
export const html = (parts: TemplateStringsArray, ...values: unknown[]): Html =>
  new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));

const style = `
:root { color-scheme: light dark; --ground: #fbfcfa; --card: #fff; --text: #16201a; --soft: #55625a; --line: #d8dfd9; --leaf: #0b7a43; --on-leaf: #fff }
@media (prefers-color-scheme: dark) { :root { --ground: #0f1411; --card: #171e19; --text: #e7eee9; --soft: #9fada4; --line: #2c372f; --leaf: #4cc38a; --on-leaf: #07130c } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 560px }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 8px }
p { margin: 0 0 16px }
.soft { color: var(--soft) }
.small { font-size: 14px }
form, ul { margin: 0; padding: 0; list-style: none }
button, .button { font: inherit; cursor: pointer; border-radius: 10px; border: 1px solid var(--line); background: var(--card); color: inherit; text-decoration: none }
button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px }
button:hover, .button:hover { border-color: var(--leaf) }
button:not(.person) { padding: 10px 18px }
.primary { display: inline-block; padding: 10px 18px; background: var(--leaf); border-color: var(--leaf); color: var(--on-leaf); font-weight: 600 }
.person { display: flex; gap: 14px; align-items: center; width: 100%; padding: 12px 14px; margin: 0 0 10px; text-align: left }
.person img { width: 40px; height: 40px; border-radius: 50%; flex: none }
.person strong, .person span { display: block }
.person span span { color: var(--soft); font-size: 14px }
.row { display: flex; flex-wrap: wrap; gap: 10px; align-items: end; margin-top: 24px; padding-top: 20px; border-top: 1px solid var(--line) }
.row label { flex: 1 1 240px; font-size: 14px; color: var(--soft) }
input { display: block; width: 100%; margin-top: 4px; padding: 10px 12px; font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 10px }
code { font-family: ui-monospace, monospace; font-size: .9em }
`;

// The hash is over every character between the tags, so no formatter may move them.
const styleElement = new Html(`<style>${style}</style>`);
const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

/** A Content-Security-Policy that lets such a page show itself, its own images and nothing else; forms go to `formTargets`. */
export const plainPagePolicy = (formTargets: readonly string[] = []): string =>
  [
    "default-src 'none'",
    `style-src ${styleHash}`,
    "img-src 'self'",
    `form-action ${formTargets.length ? formTargets.join(' ') : "'none'"}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** A whole document around `body`; the icon lies below `basePath`. Send it with plainPagePolicy, or its style is refused. */
export const renderPlainPage = (title: string, body: Html, basePath = ''): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="${basePath}/favicon.svg" type="image/svg+xml" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`.text;
