// Chapter 2: from a visitor's shell nothing can be reached but the visitor's own pod; what is tried is there, as others show.
import assert from 'node:assert/strict';
import { listGateways, namespace, sessionNamespace } from './support/installed.ts';
import { enter, type Scene } from './support/scene.ts';
import { sessionOf } from './support/sessions.ts';
import { findApiServer } from './support/values.ts';
import type { Visitor } from './support/visitor.ts';

interface Target {
  what: string;
  host: string;
  port: number;
}

const metadataService = { what: 'the metadata service', host: '169.254.169.254', port: 80 };

/** What of `targets` a shell can open a connection to, by bash alone. */
async function reachFrom(visitor: Visitor, targets: readonly Target[]): Promise<string[]> {
  const places = targets.map(({ host, port }) => `${host}/${port}`);
  // In a subshell bash does not tell of its jobs.
  const tries = `for place in ${places.join(' ')}; do (timeout 5 bash -c "</dev/tcp/$place" 2>/dev/null && echo "open $place") & done; wait`;
  const open = new Set((await visitor.run(`(${tries})`, 60_000)).split('\n'));
  return targets.filter((_, i) => open.has(`open ${places[i]}`)).map(({ what }) => what);
}

const connectProgram = (targets: readonly Target[]) => `
  const { connect } = require('node:net');
  const targets = ${JSON.stringify(targets)};
  let left = targets.length;
  const done = (socket) => { socket.destroy(); if (!--left) process.exit(0); };
  for (const { what, host, port } of targets) {
    const socket = connect({ host, port, timeout: 4000 });
    socket.once('connect', () => { console.log(what); done(socket); });
    socket.once('error', () => done(socket)).once('timeout', () => done(socket));
  }`;

/** The same from another pod, by Node. */
async function reachFromPod({ stage }: Scene, inNamespace: string, pod: string, targets: readonly Target[]) {
  // Quotes of the program would be taken for those of the arguments.
  const program = Buffer.from(connectProgram(targets)).toString('base64');
  const start = `eval(Buffer.from("${program}","base64").toString())`;
  const text = await stage.kubectl(`-n ${inNamespace} exec ${pod} -- node -e '${start}'`);
  return text.split('\n').filter(Boolean);
}

export function isolation(scene: () => Scene): void {
  let vera: Visitor;
  let otto: Visitor;

  before(async function () {
    this.timeout(200_000);
    vera = await enter(scene(), 'vera-visitor');
    otto = await enter(scene(), 'otto-outsider');
  });
  after(async () => {
    await vera?.leave();
    await otto?.leave();
  });

  it('keeps visitors from each other, both ways', async function () {
    this.timeout(120_000);
    const { stage } = scene();
    const targetsOf = async (login: string): Promise<Target[]> => {
      const { status } = await sessionOf(stage, login);
      const host = status.podIP ?? '';
      return [
        { what: 'the agent', host, port: 8022 },
        { what: 'the garden', host, port: 6443 },
      ];
    };
    const [ofVera, ofOtto] = [await targetsOf('vera-visitor'), await targetsOf('otto-outsider')];
    const [gateway] = await listGateways(stage);
    assert.deepEqual(
      await reachFromPod(scene(), namespace, gateway?.metadata.name ?? '', ofVera),
      ['the agent'],
      'the gateway reaches agents, and nothing else of a session',
    );
    assert.deepEqual(await reachFrom(vera, ofOtto), []);
    assert.deepEqual(await reachFrom(otto, ofVera), []);
    assert.deepEqual(await reachFrom(vera, [{ what: 'its own garden', host: '127.0.0.1', port: 6443 }]), []);
    assert.deepEqual(await reachFrom(vera, ofVera), ['the agent', 'the garden'], 'its own pod is reached');
  });

  it('keeps visitors from the API server, the metadata service, the gateway and the internet', async function () {
    this.timeout(120_000);
    const { stage, github } = scene();
    const { hosts } = await findApiServer(stage);
    const [gateway] = await listGateways(stage);
    const [host = '', port = ''] = stage.outside?.split(':') ?? [];
    const targets: Target[] = [
      ...hosts.map((one) => ({ what: `the API server at ${one.host}`, ...one })),
      { what: 'the gateway', host: gateway?.status.podIP ?? '', port: 8080 },
      metadataService,
      ...(stage.outside ? [{ what: 'the internet', host, port: Number(port) }] : []),
    ];
    const there = await reachFromPod(scene(), github.namespace, 'deployment/github', targets);
    const must = targets.filter((target) => target !== metadataService).map(({ what }) => what);
    assert.deepEqual(
      must.filter((what) => !there.includes(what)),
      [],
      'a pod without a policy reaches them',
    );
    for (const visitor of [vera, otto]) assert.deepEqual(await reachFrom(visitor, targets), [], visitor.login);
    const curl = 'curl -sk -m 4 -o /dev/null https://kubernetes.default.svc/ && echo answered';
    assert.doesNotMatch(await vera.run(curl), /^answered/m);
  });

  it('gives a shell no credentials of the cluster it runs in', async () => {
    const text = await vera.run('ls /var/run/secrets/kubernetes.io 2>&1; env | grep -c KUBERNETES_SERVICE_HOST');
    assert.match(text, /No such file or directory/);
    assert.match(text, /^0$/m);
    const { stage } = scene();
    const account = (
      await stage.kubectl(`-n ${sessionNamespace} get pods -o jsonpath='{.items[*].spec.serviceAccountName}'`)
    ).trim();
    for (const name of new Set(account.split(' '))) {
      const can = await stage.kubectl(
        `-n ${sessionNamespace} auth can-i --list --as=system:serviceaccount:${sessionNamespace}:${name}`,
      );
      assert.doesNotMatch(can, /^pods\b/m);
    }
  });
}
