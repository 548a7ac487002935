// The visitor's shell as the agent starts it: greeting, prompt, completion, history, and what is not in its environment.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { createAgentHarness, type AgentHarness } from '../support/agent-harness.ts';
import type { TerminalClient } from '../support/terminal-client.ts';

const promptOf = (namespace: string, context = 'virtual-garden') => `${context}\x1b[0m/\x1b[1m${namespace}\x1b[0m`;

describe('shell', () => {
  let harness: AgentHarness;
  afterEach(() => harness.dispose());

  async function open(id = 'main'): Promise<TerminalClient> {
    const client = await harness.attach(id, { columns: 120 });
    await client.shows(promptOf('garden-local'));
    return client;
  }

  it('greets in eight lines at most, with three commands, and shows the example manifests', async () => {
    harness = await createAgentHarness();
    const client = await open();
    const [greeting = ''] = client.output.split('\x1b[?2004h');
    assert.ok(greeting.trimEnd().split('\r\n').length <= 8, greeting);
    for (const command of ['kubectl get seeds', 'kubectl apply -f shoot.yaml', 'kubectl get shoots -w'])
      assert.ok(greeting.includes(command), command);
    client.type('ls\r');
    await client.shows(/project\.yaml\s+shoot-workerless\.yaml\s+shoot\.yaml/);
  });

  it('says where prompts, commands and their output are, and how they ended', async () => {
    harness = await createAgentHarness({ hasKubectl: false });
    const client = await open();
    client.type('echo said; (exit 7)\r');
    await client.shows('\x1b]133;D;7\x07');
    client.type('\r');
    await client.until('one more prompt', () => client.output.split('\x1b]133;B\x07').length > 3);
    const [, command = '', afterEmpty = ''] = client.output.split('\x1b]133;B\x07');
    assert.match(command, /^echo said; \(exit 7\)[^]*\x1b\]133;C\x07said\r\n[^]*\x1b\]133;D;7\x07\x1b\]133;A\x07/);
    assert.ok(!afterEmpty.includes('133;C'), 'an empty line is no command');
  });

  it('says how to install kubectl where there is none', async () => {
    harness = await createAgentHarness({ hasKubectl: false });
    const client = await open();
    assert.match(
      client.output,
      /kubectl is not installed here[^]*curl -Lo ~\/\.local\/bin\/kubectl https:\/\/dl\.k8s\.io\/release\/v[\d.]+\/bin\//,
    );
    client.type('clear; k get seeds; echo "code $?"; nonsense\r');
    await client.shows('nonsense: command not found');
    assert.match(client.output, /chmod \+x ~\/\.local\/bin\/kubectl[^]*\ncode 127/);
  });

  it('shows context and namespace as the kubeconfig says them now', async () => {
    harness = await createAgentHarness();
    const client = await open();
    client.type('k config set-context --current --namespace=garden\r');
    await client.shows(promptOf('garden'));
    client.type('kubectl config use-context other\r');
    await client.shows(promptOf('elsewhere', 'other'));
    const text =
      'contexts:\n  - name: "quoted one"\n    context:\n      user: visitor\ncurrent-context: \'quoted one\'\n';
    await writeFile(harness.kubeconfig, text);
    client.type('\r');
    await client.shows(promptOf('default', 'quoted one'));
    await rm(harness.kubeconfig);
    client.type('false\r');
    await client.shows(promptOf('default', 'no context'));
    await client.shows('\x1b[31m');
  });

  for (const hasCompletionPackage of [true, false])
    it(`completes kubectl and k by the first TAB, ${hasCompletionPackage ? 'with' : 'without'} the package bash-completion`, async () => {
      harness = await createAgentHarness({ hasCompletionPackage });
      const client = await open();
      client.type('kubectl config use-con\toth\t\r');
      await client.shows('Switched to context "other"');
      client.type('k config vie\t--minify\r');
      await client.shows('current-context: other');
      // Words that readline breaks at = and : are one word to kubectl.
      client.type('k config view --context=virt\t --minify -o name\r');
      await client.shows('--context=virtual-garden');
      client.type('k apply -f shoot-w\t');
      await client.shows('shoot-workerless.yaml');
    });

  it('makes the garden known to gardenctl and gardenlogin, where gardenctl is', async () => {
    harness = await createAgentHarness();
    const program = `${harness.home}/.local/bin/gardenctl`;
    await writeFile(program, '#!/bin/sh\necho "session <$GCTL_SESSION_ID>"\n', { mode: 0o755 });
    const client = await open();
    client.type('gardenctl version\r');
    await client.shows(/session <terminal-\d+>/);
    for (const name of ['gardenctl-v2', 'gardenlogin']) {
      const file = `${harness.home}/.garden/${name}.yaml`;
      const config: unknown = parse(await readFile(file, 'utf8'));
      assert.deepEqual(config, { gardens: [{ identity: 'local', kubeconfig: harness.kubeconfig }] });
      await writeFile(file, 'gardens: []\n');
    }
    await open('next');
    assert.equal(await readFile(`${harness.home}/.garden/gardenctl-v2.yaml`, 'utf8'), 'gardens: []\n');
  });

  it('keeps the history for the terminals that follow', async () => {
    harness = await createAgentHarness();
    const client = await open();
    client.type('echo remember-me\r');
    await client.shows(/[\r\n\x07]remember-me\r\n/);
    await client.until('the next prompt', () => client.output.split('\x1b]0;').length > 2);
    assert.match(await readFile(`${harness.home}/.bash_history`, 'utf8'), /^echo remember-me$/m);
    const next = await open('next');
    next.type('\x1b[A');
    await next.shows('echo remember-me');
  });

  it('knows nothing of the agent: environment and descriptors are its own', async () => {
    harness = await createAgentHarness();
    await open();
    const client = await open('second');
    client.type('env; ls -m --color=never /proc/$$/fd; echo "$((1+1)) end"\r');
    await client.shows('\n2 end');
    const names = [...client.output.matchAll(/^(?:\x1b\]133;C\x07)?([A-Z_]+)=/gm)].map(([, name]) => name).sort();
    assert.deepEqual(
      names.filter((name) => name !== 'EDITOR' && name !== '_'),
      'COLORTERM HOME KUBECONFIG LANG LOGNAME PATH PWD SHELL SHLVL TERM USER'.split(' '),
    );
    assert.match(client.output, /^0, 1, 2, 255\r$/m);
  });
});
