// The garden process: beside a visitor's shell it serves the garden and writes the kubeconfig; without a place for that it runs alone, for developers.
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from './common/clock.ts';
import { messageOf } from './common/errors.ts';
import type { AsyncDisposable } from './common/lifecycle.ts';
import { createLogger } from './common/log.ts';
import { gardenOptions, loadOptions } from './config.ts';
import { createAloneGarden } from './garden/alone.ts';
import { createLiteGarden, type LiteGardenOptions } from './garden/lite.ts';
import { defaultSpeed } from './gardenlet/index.ts';

const podPort = 6443;
const visitorNamespace = 'garden-local';
const here = path.dirname(fileURLToPath(import.meta.url));
const options = loadOptions('garden', gardenOptions);

/** Whoever waits for the file sees all of it or nothing. */
async function writeAtomically(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  await writeFile(part, text, { mode: 0o600 });
  await rename(part, file);
}

async function serveVisitor(
  kubeconfig: string,
  common: Omit<LiteGardenOptions, 'host' | 'port'>,
): Promise<AsyncDisposable> {
  const garden = await createLiteGarden({ ...common, host: options.host, port: options.port ?? podPort });
  await garden.ready;
  await writeAtomically(kubeconfig, await garden.openKubeconfig({ namespace: visitorNamespace }));
  common.logger.info({ url: garden.url }, 'the garden is ready');
  return garden;
}

async function serveAlone(common: Omit<LiteGardenOptions, 'host' | 'port'>): Promise<AsyncDisposable> {
  process.stdout.write('Starting a garden of its own on this machine …\n');
  const garden = await createAloneGarden({ ...common, port: options.port ?? 0 });
  process.stdout.write(
    `The garden answers at ${garden.url}; Ctrl-C ends it and removes all that it made.\nThe kubeconfig of its administrator:\n${garden.kubeconfig}\n`,
  );
  return garden;
}

/** What went wrong, and what to do where that is known. */
function sentenceOf(fault: unknown): string {
  const { code } = (fault ?? {}) as { code?: string };
  const address = `${options.host}:${options.port ?? podPort}`;
  if (code === 'EADDRINUSE') return `${address} is in use. Name another port in GARDEN_PORT, or 0 for a free one.`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${options.host}. Name one of its own in POD_IP.`;
  if (code === 'ENOENT')
    return `There is no such place: ${messageOf(fault)}. Name a file in a directory that is there.`;
  if (code === 'EACCES') return `There is no right to do this: ${messageOf(fault)}.`;
  return messageOf(fault);
}

async function main(): Promise<void> {
  const compiled = path.join(here, 'landscape.json');
  const isAlone = options.kubeconfig === undefined;
  const common = {
    manifestsDir: path.join(here, '..', 'manifests'),
    landscapeFile: existsSync(compiled) ? compiled : undefined,
    clock: createSystemClock(),
    logger: createLogger('garden', isAlone && options.logLevel === 'info' ? 'warn' : options.logLevel),
    speed: options.speed * defaultSpeed,
  };
  const starting = isAlone ? serveAlone(common) : serveVisitor(options.kubeconfig ?? '', common);
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    void starting
      .then((garden) => garden.dispose())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  await starting;
}

main().catch((fault: unknown) => {
  process.stderr.write(`garden: ${sentenceOf(fault)}\n`);
  process.exit(1);
});
