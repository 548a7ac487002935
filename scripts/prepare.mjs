// Makes the checkout runnable: checks Node, installs packages, builds what is out of date, unpacks kubectl. Says what it does; does nothing twice.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const startedMs = Date.now();
const say = (sentence) => console.log(`[${((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)} s] ${sentence}`);
const giveUp = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

function ensureNode() {
  const wanted = [20, 19];
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
    giveUp(
      `Node ${process.versions.node} is too old. Install Node ${wanted.join('.')} or newer (https://nodejs.org) and try again.`,
    );
  }
}

function run(command, args, { isQuiet = false } = {}) {
  const result = spawnSync(command, args, {
    stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
  });
  if (result.error) giveUp(`${command} could not be started: ${result.error.message}`);
  if (result.status === 0) return;
  if (isQuiet) process.stderr.write(`${result.stdout}${result.stderr}`);
  giveUp(`"${[command, ...args].join(' ')}" failed. Mend what it says above and try again.`);
}

/** The newest change in ms of the files under `place`, which is a file or a folder. */
function newestMs(place) {
  const stat = statSync(place, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(place, { withFileTypes: true }).map((entry) => newestMs(path.join(place, entry.name))),
  );
}

const isFresh = (target, ...sources) =>
  existsSync(target) && statSync(target).mtimeMs >= Math.max(...sources.map(newestMs));

function ensurePackages() {
  if (isFresh('node_modules/.package-lock.json', 'package-lock.json')) return;
  say('Installing packages …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  run('touch', ['node_modules/.package-lock.json']);
}

function ensurePty() {
  const name = `@lydell/node-pty-${process.platform}-${process.arch}`;
  if (!existsSync(`node_modules/${name}`)) {
    giveUp(
      `There is no terminal library for ${process.platform} on ${process.arch}. Use Linux or macOS on x64 or arm64.`,
    );
  }
}

function ensureBuilt() {
  const common = ['package-lock.json', 'server'];
  if (!isFresh('dist/main.js', ...common, 'scripts/build-server.mjs')) {
    say('Building the server …');
    run('npm', ['run', '--silent', 'build:server'], { isQuiet: true });
  }
  if (!isFresh('dist/web/index.html', ...common.slice(0, 1), 'server/protocol', 'web', 'vite.config.ts')) {
    say('Building the page …');
    run('npm', ['run', '--silent', 'build:web'], { isQuiet: true });
  }
}

function ensureKubectl() {
  if (existsSync('node_modules/.cache/playground-tools/kubectl')) return;
  say('Unpacking kubectl …');
  run(process.execPath, ['--import', 'tsx', 'scripts/kubectl.ts'], { isQuiet: true });
}

ensureNode();
ensurePackages();
ensurePty();
ensureBuilt();
ensureKubectl();
