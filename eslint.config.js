// The linter's rules, with the import table of the design: who may import whom.
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// folder → folders of ours that it may import; what is not listed is forbidden.
const importTable = {
  common: [],
  protocol: [],
  kube: ['common'],
  auth: ['common'],
  agent: ['protocol', 'common'],
  session: ['kube', 'protocol', 'common'],
  gateway: ['session', 'auth', 'protocol', 'common'],
  smoke: ['auth', 'protocol', 'common'],
  apiserver: ['common'],
  embedded: ['apiserver', 'common'],
  garden: ['apiserver', 'gardenlet', 'kube', 'common'],
  gardenlet: ['kube', 'common', 'apiserver'],
};

const zones = Object.entries(importTable).flatMap(([folder, allowed]) => [
  {
    target: `./server/${folder}`,
    from: './server',
    except: [folder, ...allowed].map((name) => `./${name}`),
    message: `server/${folder} may import: ${allowed.join(', ') || 'nothing of ours'}.`,
  },
  { target: `./server/${folder}`, from: './web', message: 'The server never imports the page.' },
]);

const onlyKube = {
  group: ['@kubernetes/client-node', '@kubernetes/client-node/*'],
  message: 'Only server/kube speaks with @kubernetes/client-node.',
};
const noApiserver = {
  group: ['**/apiserver/**'],
  message: 'Of the gardenlet, the maker inProcess alone may import server/apiserver.',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.artifacts', '.run'] },
  ...tseslint.configs.recommended,
  {
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-restricted-paths': [
        'error',
        { zones: [...zones, { target: './web', from: './server', except: ['./protocol'] }] },
      ],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'no-restricted-imports': ['error', { patterns: [onlyKube] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['server/kube/**', 'test/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['server/gardenlet/**'],
    ignores: ['server/gardenlet/makers/in-process/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [onlyKube, noApiserver] }] },
  },
  {
    files: ['server/**'],
    ignores: ['server/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Environment variables are read in server/config.ts alone.' },
      ],
    },
  },
  {
    files: ['server/**'],
    ignores: ['server/common/clock.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: 'Time comes from a Clock.' })),
      ],
    },
  },
  { files: ['test/**'], rules: { 'max-lines': 'off', '@typescript-eslint/no-unused-expressions': 'off' } },
);
