// The interface behind which a shoot's own cluster is made. gardenlet says what is wanted; a maker makes it so.
import type { AsyncDisposable } from '../../common/lifecycle.ts';
import type { Worker } from '../types.ts';

export interface ClusterSpec {
  /** `shoot--<project>--<shoot>`: identifies the cluster. */
  technicalId: string;
  uid: string;
  shootName: string;
  namespace: string;
  projectName: string;
  region: string;
  providerType: string;
  /** Without a leading v. */
  kubernetesVersion: string;
  networks: { type?: string; pods?: string; nodes?: string; services?: string };
  workers: readonly Worker[];
  /** Machines with another hash are replaced: changes when machines must be rolled. By name of worker. */
  workerHashes: Readonly<Record<string, string>>;
  /** The signing CA of the cluster; `key` is PEM (PKCS#1). `bundle` holds every CA that clients' certificates may come from. */
  ca: { certificate: string; key: string; bundle: string };
  /** Further names that the API server's certificate is for. */
  serverNames: readonly string[];
  /** Data of the ConfigMap kube-system/shoot-info. */
  shootInfo: Readonly<Record<string, string>>;
}

export interface ClusterHealth {
  isApiServerAvailable: boolean;
  nodes: { name: string; isReady: boolean }[];
  /** Pods of kube-system that should run and do not. */
  unhealthySystemPods: string[];
}

/** Every function bears being called again with the same or a newer spec; calls for one cluster do not overlap. */
export interface Maker extends AsyncDisposable {
  /** Brings up the API server, or up to date; wakes it with what it held before it slept. `url` is where it can be reached. */
  ensureControlPlane(spec: ClusterSpec, signal: AbortSignal): Promise<{ url: string }>;
  /** Deploys what belongs into kube-system. */
  ensureSystemComponents(spec: ClusterSpec, signal: AbortSignal): Promise<void>;
  /** Creates, rolls and removes machines; resolves when the nodes that are wanted are Ready and no other is left. */
  ensureWorkers(spec: ClusterSpec, signal: AbortSignal): Promise<void>;
  /** Removes all machines, then puts the control plane to sleep; its state is kept. */
  hibernate(technicalId: string, signal: AbortSignal): Promise<void>;
  /** Removes the machines and all else in the cluster that costs something; the API server still answers. */
  destroyWorkers(technicalId: string, signal: AbortSignal): Promise<void>;
  /** Ends the cluster and forgets it. Nothing happens when there is none. */
  destroy(technicalId: string): Promise<void>;
  /** undefined: no such cluster, or it sleeps. */
  health(technicalId: string): Promise<ClusterHealth | undefined>;
}
