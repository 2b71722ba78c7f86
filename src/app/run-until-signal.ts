// SPDX-License-Identifier: Apache-2.0
/** Keeps a process running until it is told to end, and reloads it on SIGHUP. */
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

/** What runs: the whole relay, a worker, or the control process. */
export interface Running {
  /** All or nothing. Returns the keys that changed and need a restart; throws what is wrong with the new file. */
  reload(): readonly string[]
  stop(): Promise<void>
}

/** EX_SOFTWARE. */
const FAILED = 70

/**
 * SIGTERM, SIGINT: drain and end. SIGHUP: reload. `start` gets a function for failures after which nothing can go on. A
 * supervisor that is gone means the end too: nobody would replace this process.
 */
export async function runUntilSignal(
  start: (onFatal: () => void) => Promise<Running>,
  log: Log,
): Promise<void> {
  const end = Promise.withResolvers<string>()
  const running = await start(() => end.resolve('a failure'))
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => end.resolve(signal))
  process.once('disconnect', () => end.resolve('the end of the supervisor'))
  process.on('SIGHUP', () => reload(running, log))
  const reason = await end.promise
  log.info({ reason }, 'draining')
  await running.stop()
  log.info({}, 'ended')
  if (reason === 'a failure') process.exitCode = FAILED
  if (process.connected) process.disconnect()
}

function reload(running: Running, log: Log): void {
  try {
    const needRestart = running.reload()
    if (needRestart.length === 0) log.info({}, 'the configuration was read again and is in force')
    else log.warn({ needRestart }, 'the configuration was read again; these keys need a restart')
  } catch (thrown) {
    // RLY_CONFIG_*: what was in force stays.
    log.error({ error: messageOf(thrown) }, 'the new configuration is wrong; nothing was changed')
  }
}
