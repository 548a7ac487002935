// What the other folders import of gardenlet. The in-process maker is imported by its own path: it alone knows server/apiserver.
export { createGardenlet, defaultSpeed, type Gardenlet, type GardenletOptions } from './gardenlet.ts';
export { loadFlowData, parseFlowData, type FlowData } from './flow/document.ts';
export type { ClusterHealth, ClusterSpec, Maker } from './makers/maker.ts';
export type { CreateAuthority } from './shoot/credentials/manager.ts';
