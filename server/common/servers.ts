// Servers that listen and close, with a sentence for an address that cannot be had.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './errors.ts';

/** The address as a URL. Throws StartError, which names `variable`, when the port cannot be had; 0 takes a free one. */
export async function listen(server: Server, host: string, port: number, variable: string): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    const place = `${host}:${port}`;
    if (code === 'EADDRINUSE')
      throw new StartError(
        `${place} is in use. End what listens there, or choose another port: ${variable}=${port + 10}.`,
      );
    if (code === 'EACCES')
      throw new StartError(`${place} needs more rights. Choose a port above 1023 with ${variable}.`);
    if (code === 'EADDRNOTAVAIL') throw new StartError(`${host} is no address of this machine. Change LISTEN_HOST.`);
    throw fault;
  }
  const { port: taken } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

/** Ends it with all its connections. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
