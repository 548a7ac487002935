// The smoke test of a playground that runs: helm test starts it in the gateway's image.
import { cookieOptionsOf, createSealer, createVisitorCookie, decodeKey, type AccessPolicy } from './auth/index.ts';
import { createSystemClock, type Clock } from './common/clock.ts';
import { messageOf } from './common/errors.ts';
import { checkSmokeOptions, loadOptions, smokeOptions, type SmokeOptions } from './config.ts';
import { runSmokeTest, SmokeClient, smokeIdentityOf, type SmokeParts } from './smoke/index.ts';

const policyOf = (options: SmokeOptions): AccessPolicy => ({
  users: options.allowedUsers,
  organizations: options.allowedOrganizations,
  teams: options.allowedTeams,
  blocked: options.blockedUsers,
  // The test's account is as old as can be.
  minAccountAgeDays: 0,
});

async function createParts(options: SmokeOptions, clock: Clock, signal: AbortSignal): Promise<SmokeParts> {
  const { targetUrl, githubUrl, githubClientId, environment, timeoutSeconds } = options;
  const publicUrl = options.publicUrl ?? targetUrl;
  const identity = smokeIdentityOf(policyOf(options), clock.now());
  const cookie = createVisitorCookie(createSealer((options.cookieKeys ?? []).map(decodeKey), clock), {
    ...cookieOptionsOf(publicUrl),
    lifetimeSeconds: timeoutSeconds + 60,
  });
  const [pair = ''] = (await cookie.render(identity)).split(';');
  const client = new SmokeClient({ targetUrl, publicUrl, signal });
  return { client, clock, signal, publicUrl, githubUrl, githubClientId, environment, identity, cookie: pair };
}

async function main(): Promise<void> {
  const options = loadOptions('playground-smoke', smokeOptions, checkSmokeOptions);
  const clock = createSystemClock();
  const abort = new AbortController();
  const { timeoutSeconds } = options;
  const timer = clock.after(timeoutSeconds * 1000, () => abort.abort(new Error(`${timeoutSeconds} s are over.`)));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => abort.abort(new Error(`It was told to end (${signal}).`)));
  try {
    await runSmokeTest(await createParts(options, clock, abort.signal), (line) => process.stdout.write(`${line}\n`));
    process.stdout.write('All is well.\n');
  } finally {
    timer.dispose();
  }
}

main().catch((fault: unknown) => {
  process.stderr.write(`playground-smoke: ${messageOf(fault)}\n`);
  process.exitCode = 1;
});
