// The processes of a shell: all that share its session (POSIX: setsid), whatever their process groups.
import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../common/clock.ts';

const checkMs = 25;
/** A killed process goes as soon as the kernel gets to it. */
const killWaitMs = 1_000;

/** State and session id in a line of /proc/<pid>/stat: fields behind the name, which may hold spaces and brackets. */
export function parseStat(stat: string): { state: string; sessionId: number } {
  const [state = '', , , sessionId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, sessionId: Number(sessionId) };
}

/** Members of the session that `leaderPid` leads, but for those that ended and were not waited for. Without /proc (not Linux) none are found. */
function sessionMembers(leaderPid: number): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && isInSession(name, leaderPid))
      .map(Number);
  } catch {
    return [];
  }
}

function isInSession(pid: string, leaderPid: number): boolean {
  try {
    const { state, sessionId } = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return sessionId === leaderPid && state !== 'Z';
  } catch {
    // It ended between the two reads.
    return false;
  }
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {
    // Gone already.
  }
}

/** Whether the process is there; one that ended and was waited for is not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalSession(leaderPid: number, ...names: NodeJS.Signals[]): void {
  // The leader's group first: a process that forks meanwhile is in it.
  for (const target of [-leaderPid, ...sessionMembers(leaderPid)]) for (const name of names) signal(target, name);
}

/** Hangs up all processes of the session, and kills those that are left after `graceMs`. Resolves when all are gone, or cannot be killed. */
export async function endSession(leaderPid: number, graceMs: number, clock: Clock): Promise<void> {
  const areGone = async (waitMs: number) => {
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += checkMs) {
      await clock.sleep(checkMs);
      if (!isProcessAlive(leaderPid) && !sessionMembers(leaderPid).length) return true;
    }
    return false;
  };
  // A stopped process takes the first signal when it goes on.
  signalSession(leaderPid, 'SIGHUP', 'SIGCONT');
  if (await areGone(graceMs)) return;
  signalSession(leaderPid, 'SIGKILL');
  await areGone(killWaitMs);
}
