// The controllers of a shoot's cluster, in the order in which a change passes through them.
import type { ClusterController } from '../engine.ts';
import { daemonSets } from './daemonsets.ts';
import { deployments } from './deployments.ts';
import { jobs } from './jobs.ts';
import { createKubelets } from './kubelet.ts';
import { replicaSets } from './replicasets.ts';
import { scheduler } from './scheduler.ts';
import { services } from './services.ts';
import { statefulSets } from './statefulsets.ts';

export { Machines } from './machines.ts';

/** All but the one for machines. */
export const createWorkloadControllers = (): ClusterController[] => [
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
  scheduler,
  createKubelets(),
  services,
];
