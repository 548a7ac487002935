// A maker that makes nothing and remembers what it was asked for.
import type { ClusterHealth, ClusterSpec, Maker } from '../../../server/gardenlet/makers/maker.ts';

export class FakeMaker implements Maker {
  readonly calls: string[] = [];
  readonly specs = new Map<string, ClusterSpec>();
  health_: ClusterHealth | undefined;
  /** Called before each answer; may throw. */
  onCall: (call: string) => void = () => {};

  #call(call: string): void {
    this.calls.push(call);
    this.onCall(call);
  }

  async ensureControlPlane(spec: ClusterSpec) {
    this.#call(`ensureControlPlane ${spec.technicalId}`);
    this.specs.set(spec.technicalId, spec);
    this.health_ = { isApiServerAvailable: true, nodes: [], unhealthySystemPods: [] };
    return { url: `https://127.0.0.1:4${this.specs.size}` };
  }

  async ensureSystemComponents(spec: ClusterSpec) {
    this.#call(`ensureSystemComponents ${spec.technicalId}`);
  }

  async ensureWorkers(spec: ClusterSpec) {
    this.#call(`ensureWorkers ${spec.technicalId}`);
    const nodes = spec.workers.map(({ name }) => ({ name, isReady: true }));
    this.health_ = { isApiServerAvailable: true, nodes, unhealthySystemPods: [] };
  }

  async hibernate(technicalId: string) {
    this.#call(`hibernate ${technicalId}`);
    this.health_ = undefined;
  }

  async destroyWorkers(technicalId: string) {
    this.#call(`destroyWorkers ${technicalId}`);
  }

  async destroy(technicalId: string) {
    this.#call(`destroy ${technicalId}`);
    this.specs.delete(technicalId);
    this.health_ = undefined;
  }

  health = async () => this.health_;

  dispose(): void {}
}
