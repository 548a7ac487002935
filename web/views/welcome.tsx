// The first page: what this is, one button, and what one gets.
import type { ComponentChildren } from 'preact';
import type { EnvironmentSummary, Me } from '../../server/protocol/rest.ts';
import { Avatar } from '../components/avatar.tsx';
import { Header } from '../components/header.tsx';
import { ArrowIcon, CaretIcon, CheckIcon, ClockIcon, GitHubIcon, WarningIcon } from '../components/icons.tsx';
import { Menu } from '../components/menu.tsx';
import { Replay } from '../components/replay.tsx';
import { aboutSeconds } from '../model/durations.ts';
import type { Playground } from '../model/playground.ts';
import { recording } from './recording.ts';

export function WelcomeView({ playground }: { playground: Playground }) {
  const me = playground.me.value;
  const environments = playground.environments.value ?? [];
  return (
    <div class="welcome">
      <Header>{me?.user && <Account playground={playground} me={me} />}</Header>
      <main>
        <section class="hero">
          <h1>
            Your own Gardener,
            <br /> one prompt away
          </h1>
          <p class="lead">
            Get a live Gardener landscape and a shell: create Kubernetes clusters with kubectl, watch them grow,
            hibernate, upgrade and delete them.
          </p>
          <MainButton playground={playground} environments={environments} />
          {me?.isIsolated === false && (
            <Notice>
              Pods are local processes here, without isolation: a shell can do all that its user on this machine can.
            </Notice>
          )}
          {me?.notice && <Notice>{me.notice}</Notice>}
        </section>
        <Replay lines={recording} />
        <Environments playground={playground} environments={environments} />
      </main>
    </div>
  );
}

function MainButton({ playground, environments }: EnvironmentsProps) {
  const me = playground.me.value;
  const first = environments.find(({ isDefault }) => isDefault) ?? environments[0];
  if (me && !me.user) {
    return (
      <button class="button primary large" onClick={() => playground.signIn()}>
        {me.signIn.provider === 'github' && <GitHubIcon />}
        {me.signIn.label}
      </button>
    );
  }
  if (hasLiveSession(playground)) {
    return (
      <button class="button primary large" onClick={() => playground.resume()}>
        Back to your session
        <ArrowIcon />
      </button>
    );
  }
  if (!first) return <p role="alert">No environment is set up. Ask the administrator to add one.</p>;
  return (
    <button class="button primary large" autofocus onClick={() => void playground.start(first.name)}>
      Start
      <ArrowIcon />
    </button>
  );
}

const Notice = ({ children }: { children: ComponentChildren }) => (
  <p class="notice">
    <WarningIcon />
    <span>{children}</span>
  </p>
);

interface EnvironmentsProps {
  playground: Playground;
  environments: EnvironmentSummary[];
}

function Environments({ playground, environments }: EnvironmentsProps) {
  const canStart = !!playground.me.value?.user && !hasLiveSession(playground);
  return (
    <section class="environments" aria-labelledby="environments-title">
      <h2 id="environments-title">{environments.length === 1 ? 'What you get' : 'Environments'}</h2>
      <ul>
        {environments.map((environment) => (
          <li key={environment.name} class="card">
            <h3>{environment.title}</h3>
            <p>{environment.description}</p>
            <ul class="features">
              {environment.features.map((feature) => (
                <li key={feature}>
                  <CheckIcon />
                  {feature}
                </li>
              ))}
            </ul>
            <p class="card-foot">
              <span class="with-icon">
                <ClockIcon />
                Ready in {aboutSeconds(environment.startSeconds)}
              </span>
              {canStart && environments.length > 1 && (
                <button class="button" onClick={() => void playground.start(environment.name)}>
                  Start {environment.title}
                </button>
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Account({ playground, me }: { playground: Playground; me: Me }) {
  if (!me.user) return null;
  return (
    <Menu label="Account" items={[{ label: 'Sign out', onSelect: () => void playground.signOut() }]}>
      <Avatar user={me.user} />
      <span class="menu-name">{me.user.login}</span>
      <CaretIcon />
    </Menu>
  );
}

/** One to go back to; a failed one is replaced by starting. */
function hasLiveSession(playground: Playground): boolean {
  const state = playground.session.value?.state;
  return state === 'starting' || state === 'ready';
}
