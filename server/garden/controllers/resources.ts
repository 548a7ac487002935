// Resources that the garden's controllers alone speak of.
import type { Resource } from '../../kube/index.ts';

export const controllerDeployments: Resource = {
  group: 'core.gardener.cloud',
  version: 'v1',
  plural: 'controllerdeployments',
  kind: 'ControllerDeployment',
  isNamespaced: false,
};
