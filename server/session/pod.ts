// From an environment's template and a user to the session pod: pure.
import type { Environment } from './environments.ts';
import { firstNotes } from './lifetime.ts';
import { podNameOf, sessionHashOf } from './pod-names.ts';
import { annotations, labels, terminalContainer, type Container, type EnvVar, type Owner, type Pod } from './types.ts';

/** What the pod is told about the gateway's keys. */
export interface PodKeys {
  keyId: string;
  /** JSON Web Key Set of public keys. */
  publicKeys: string;
}

function withEnv(container: Container, variable: EnvVar): Container {
  const others = (container.env ?? []).filter(({ name }) => name !== variable.name);
  return { ...container, env: [...others, variable] };
}

/** The pod of `owner` in `environment`, made at `nowMs` (wall-clock time); the template is not changed. */
export function buildSessionPod(
  environment: Environment,
  owner: Owner,
  namespace: string,
  keys: PodKeys,
  nowMs: number,
): Pod {
  const { metadata = {}, spec } = structuredClone(environment.pod);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podNameOf(owner.id),
      namespace,
      labels: {
        ...metadata.labels,
        [labels.session]: sessionHashOf(owner.id),
        [labels.environment]: environment.name,
      },
      annotations: {
        ...metadata.annotations,
        [annotations.userId]: owner.id,
        [annotations.userLogin]: owner.login,
        [annotations.tokenKey]: keys.keyId,
        ...firstNotes(environment, nowMs),
      },
    },
    spec: {
      ...spec,
      containers: spec.containers.map((container) =>
        container.name === terminalContainer
          ? withEnv(container, { name: 'AGENT_PUBLIC_KEYS', value: keys.publicKeys })
          : container,
      ),
    },
  };
}

/** The port that the agent listens on in the pod. */
export const agentPortOf = (pod: Pod): number | undefined =>
  pod.spec.containers.find(({ name }) => name === terminalContainer)?.ports?.find(({ name }) => name === 'agent')
    ?.containerPort;
