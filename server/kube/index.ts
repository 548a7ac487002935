// What the other folders import of kube.
export * from './types.ts';
export * from './errors.ts';
export { createKubeClient, interactivePatience, pathOf, type KubeClientOptions } from './client.ts';
export { createController, createSource, type Controller, type ControllerOptions, type Source } from './controller.ts';
export { createInformer, keyOf, type WatchRestart } from './informer.ts';
export { createLeaderElector, type LeaderElector, type Term } from './leader.ts';
export { type ObservedRequest, type RequestObserver } from './observe.ts';
export { resources } from './resources.ts';
