// The chart as a thing that is shipped: lint, what is in the package, versions, and a README that tells the truth.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { insertChartValues, listChartValues } from '../../scripts/chart-readme.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { chartDir, helm, refusalOf } from '../support/helm.ts';
import { github, valuesFiles } from './fixtures.ts';

const read = (file: string) => readFile(path.join(chartDir, file), 'utf8');

describe('chart: package', () => {
  for (const { name, file } of valuesFiles)
    it(`passes helm lint --strict with the values ${name}`, async () => {
      const { code, stdout, stderr } = await helm(['lint', '--strict', chartDir, '--values', file]);
      assert.equal(code, 0, stdout + stderr);
    });

  it('holds the chart, the environments, alerts and dashboard, and nothing else', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'playground-chart-'));
    try {
      assert.equal((await helm(['package', chartDir, '--destination', directory])).code, 0);
      const archive = path.join(directory, `playground-${packageJson.version}.tgz`);
      const { stdout } = await promisify(execFile)('tar', ['tzf', archive]);
      const files = stdout
        .trim()
        .split('\n')
        .filter((name) => !name.startsWith('playground/templates/'));
      assert.deepEqual(
        files.sort(),
        [
          ...['.helmignore', 'Chart.yaml', 'README.md', 'values.schema.json', 'values.yaml'],
          ...['files/dashboard.json', 'files/rules.yaml'],
          ...['files/environments/lite/environment.yaml', 'files/environments/lite/pod.yaml'],
        ]
          .map((name) => `playground/${name}`)
          .sort(),
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('has the version of the project, which is the tag of its images', async () => {
    const { version, appVersion } = parse(await read('Chart.yaml')) as Record<string, string>;
    assert.deepEqual([version, appVersion], [packageJson.version, packageJson.version]);
  });

  it('is refused by a Kubernetes that lacks what it relies on', async () => {
    assert.match(await refusalOf({ github }, { more: ['--kube-version', '1.26.9'] }), /requires kubeVersion: >=1\.27/);
  });

  it('has a README that lists the values as they are (npx tsx scripts/chart-readme.ts --write)', async () => {
    const readme = await read('README.md');
    assert.equal(readme, await insertChartValues(readme));
  });

  it('says of every value what it does, in a sentence', async () => {
    const values = await listChartValues();
    assert.ok(values.length > 80, `${values.length} values`);
    assert.deepEqual(
      values.filter(({ comment }) => !/^[A-Z].{10,}[.=]$/.test(comment)).map(({ path: where }) => where),
      [],
    );
  });
});
