// Who may import whom: the linter refuses what the table forbids, and the garden's clients reach the API through server/kube alone.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sourcesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.posix.join(folder, name));

/** The specifiers of every static and dynamic import and re-export in a file; relative ones from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/(?:^|\s)(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/g),
  ];
  return found
    .map((m) => (m[1] ?? m[2])!)
    .map((name) => (name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name));
}

describe('imports', () => {
  it('finds the imports it looks for', () => {
    assert.ok(importsOf('server/kube/client.ts').includes('server/common/clock.ts'));
    assert.ok(importsOf('server/kube/transport.ts').includes('@kubernetes/client-node'));
  });

  it('are of @kubernetes/client-node in server/kube alone', () => {
    const importers = [...sourcesIn('server'), ...sourcesIn('web')].filter((file) =>
      importsOf(file).some((name) => name.startsWith('@kubernetes/')),
    );
    assert.ok(importers.length > 0);
    assert.deepEqual(
      importers.filter((file) => !file.startsWith('server/kube/')),
      [],
    );
  });

  it('let controllers and gardenlet reach the garden through server/kube alone', () => {
    const clients = [...sourcesIn('server/garden/controllers'), ...sourcesIn('server/gardenlet')].filter(
      (file) => !file.startsWith('server/gardenlet/makers/in-process/'),
    );
    assert.ok(clients.length > 10);
    const others =
      /^server\/apiserver\/|^server\/garden\/(api|landscape|lite)|^(node:)?(https?|http2|net|tls)$|^(undici|node-fetch)$/;
    const faults = clients.flatMap((file) =>
      importsOf(file)
        .filter((name) => others.test(name))
        .map((name) => `${file} → ${name}`),
    );
    assert.deepEqual(faults, []);
  });

  it('are checked by the linter against the table', async () => {
    const eslint = new ESLint({ cwd: root });
    const rulesOf = async (filePath: string, text: string) =>
      (await eslint.lintText(text, { filePath: path.join(root, filePath) })).flatMap((r) =>
        r.messages.map((m) => m.ruleId),
      );
    const forbidden = "import '../session/index.ts';\n";
    assert.ok((await rulesOf('server/agent/terminal.ts', forbidden)).includes('import-x/no-restricted-paths'));
    assert.ok(!(await rulesOf('server/gateway/app.ts', forbidden)).includes('import-x/no-restricted-paths'));
    assert.ok(
      (await rulesOf('server/session/state.ts', "import '@kubernetes/client-node';\n")).includes(
        'no-restricted-imports',
      ),
    );
    assert.ok(
      (await rulesOf('server/agent/terminal.ts', 'export const home = process.env.HOME;\n')).includes(
        'no-restricted-properties',
      ),
    );
    assert.ok(
      (await rulesOf('server/agent/terminal.ts', 'setTimeout(() => 1, 1);\n')).includes('no-restricted-globals'),
    );
  }).timeout(60_000);
});
