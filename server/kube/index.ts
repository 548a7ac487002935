// What the other folders import of kube.
export * from './types.ts';
export * from './errors.ts';
export { createKubeClient, pathOf } from './client.ts';
export { createController, createSource, type Controller, type ControllerOptions, type Source } from './controller.ts';
export { createInformer, keyOf } from './informer.ts';
export { createLeaderElector, type LeaderElector, type Term } from './leader.ts';
export { resources } from './resources.ts';
