// The environment of session tests: the real lite one, with the agent's port of the test.
import { fileURLToPath } from 'node:url';
import { loadEnvironments, type Environment } from '../../server/session/index.ts';

export const environmentsDir = fileURLToPath(new URL('../../manifests/environments', import.meta.url));

export async function loadLite(agentPort = 8022): Promise<Environment> {
  const { environments } = await loadEnvironments(environmentsDir);
  const lite = environments.get('lite');
  const port = lite?.pod.spec.containers[0]?.ports?.[0];
  if (!lite || !port) throw new Error('the environment lite cannot be loaded');
  port.containerPort = agentPort;
  return lite;
}
