// Values that are right each by itself and contradict each other: refused with a sentence. And what the notes say when all is well.
import assert from 'node:assert/strict';
import { helm, chartDir, refusalOf, render } from '../support/helm.ts';
import { stringify } from 'yaml';
import { github, valuesFiles } from './fixtures.ts';

const ingress = { publicUrl: 'https://play.example.org', ingress: { enabled: true } };

describe('chart: contradictory values', () => {
  const contradictions: [string, object, RegExp][] = [
    ['nobody can sign in', {}, /Nobody can sign in: .* callback URL http:\/\/127\.0\.0\.1:8080\/login\/callback/],
    ['an app without its secret', { github: { clientId: 'x' } }, /Nobody can sign in/],
    ['an app beside an existing Secret', { github, secret: { existing: 'keys' } }, /secret\.existing names a Secret/],
    [
      'keys beside an existing Secret',
      { secret: { existing: 'keys', tokenKeys: ['A'.repeat(43)] } },
      /secret\.existing names a Secret/,
    ],
    [
      'two ways in',
      { github, ...ingress, httpRoute: { enabled: true, parentRefs: [{ name: 'x' }] } },
      /exclude each other/,
    ],
    ['a way in without an address', { github, ingress: { enabled: true } }, /publicUrl is missing/],
    [
      'a route that belongs to no Gateway',
      { github, publicUrl: 'https://a.org', httpRoute: { enabled: true } },
      /parentRefs is empty/,
    ],
    ['a port of the nodes inside', { github, service: { nodePort: 30080 } }, /service\.nodePort needs/],
    [
      'ranges without a load balancer',
      { github, service: { loadBalancerSourceRanges: ['10.0.0.0/8'] } },
      /needs service\.type LoadBalancer/,
    ],
    [
      'fewer replicas at most than at least',
      { github, autoscaling: { enabled: true, minReplicas: 7 } },
      /minReplicas is more/,
    ],
    [
      'scaling by nothing',
      { github, autoscaling: { enabled: true, cpuPercent: null, memoryPercent: null } },
      /autoscaling needs autoscaling\.cpuPercent or/,
    ],
    [
      'less time to end than draining takes',
      { github, gateway: { drainSeconds: 20, terminationGracePeriodSeconds: 30 } },
      /terminationGracePeriodSeconds must be at least gateway\.drainSeconds and 15 more/,
    ],
    ['no account and no name of one', { github, serviceAccount: { create: false } }, /serviceAccount\.name is missing/],
    [
      'sessions beside the gateway',
      { github, sessions: { namespace: { name: 'demo' } } },
      /the release's own namespace/,
    ],
    [
      'more sessions than pods',
      { github, sessions: { max: 111 } },
      /sessions\.max is 111, but sessions\.resourceQuota\.hard\.pods is 110/,
    ],
    [
      'a default environment that is not there',
      { github, defaultEnvironment: 'garden' },
      /defaultEnvironment is garden, but environments has only lite/,
    ],
  ];
  for (const [what, values, sentence] of contradictions)
    it(what, async () => {
      assert.match(await refusalOf(values), sentence);
    });

  it('a namespace of the sessions that nobody can have', async () => {
    const namespace = 'n'.repeat(60);
    assert.match(
      await refusalOf({ github }, { namespace }),
      /longer than 63 characters: set sessions\.namespace\.name/,
    );
    assert.ok(await render({ github, sessions: { namespace: { name: 'visitors' } } }, { namespace }));
  });

  it('are none where the quota is turned off', async () => {
    assert.ok(await render({ github, sessions: { max: 200, resourceQuota: { enabled: false } } }));
  });
});

describe('chart: notes', () => {
  async function notesOf(values: object | string): Promise<string> {
    const isFile = typeof values === 'string';
    const args = [
      'install',
      'playground',
      chartDir,
      '--namespace',
      'demo',
      '--dry-run=client',
      '--values',
      isFile ? values : '-',
    ];
    const { code, stdout, stderr } = await helm(args, { input: isFile ? '' : stringify(values) });
    assert.equal(code, 0, stderr);
    return stdout.slice(stdout.indexOf('\nNOTES:'));
  }

  it('say the address, the callback URL to register and what to run next', async () => {
    const notes = await notesOf({ github, ...ingress });
    for (const words of [
      'The playground is at https://play.example.org\n',
      'https://github.com/settings/developers',
      ' https://play.example.org/login/callback\n',
      'kubectl -n demo rollout status deployment/playground',
      'helm test -n demo playground\n',
      'namespace demo-sessions',
      'everybody with a GitHub account may come in',
    ])
      assert.ok(notes.includes(words), `${words}\n${notes}`);
  });

  it('say how to reach it where nothing leads to it', async () => {
    assert.match(await notesOf({ github }), /port-forward service\/playground 8080:80/);
    assert.match(
      await notesOf({ github, publicUrl: 'https://a.org' }),
      /lead https:\/\/a\.org to the Service playground, port 80/,
    );
  });

  it('warn of what is open, and of what stays', async () => {
    assert.match(await notesOf({ github, networkPolicy: { enabled: false } }), /networkPolicy\.enabled is false/);
    const existing = valuesFiles.find(({ name }) => name === 'existing')!.file;
    assert.match(await notesOf(existing), /kubectl -n visitors delete pods -l playground\.gardener\.cloud\/session/);
    const invited = await notesOf({ github, access: { users: ['vera'] } });
    assert.ok(!invited.includes('everybody with a GitHub account'));
  });
});
