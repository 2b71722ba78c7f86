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
const ORPHANED = 'the end of the supervisor'
/** As a shell tells it: 128 and the number of the signal. While it starts there is nothing to drain. */
const KILLED = { SIGTERM: 143, SIGINT: 130 } as const

/**
 * SIGTERM, SIGINT: drain and end. SIGHUP: reload. `start` gets a function for failures after which nothing can go on. A
 * supervisor that is gone means the end too: nobody would replace this process.
 */
export async function runUntilSignal(
  start: (onFatal: () => void) => Promise<Running>,
  log: Log,
): Promise<void> {
  const end = Promise.withResolvers<string>()
  // Listened to before anything says that it runs: a signal that nobody listens to kills.
  let running: Running | null = null
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () =>
      running === null ? process.exit(KILLED[signal]) : end.resolve(signal),
    )
  process.once('disconnect', () => end.resolve(ORPHANED))
  // It was gone before anybody listened. Without a supervisor this is undefined.
  if (process.connected === false) end.resolve(ORPHANED)
  process.on('SIGHUP', () => {
    if (running !== null) reload(running, log)
  })
  running = await start(() => end.resolve('a failure'))
  const reason = await end.promise
  log.info({ reason }, 'draining')
  await running.stop()
  log.info({}, 'ended')
  // Not by itself: the system takes back at once what V8 would free object by object, a quarter of a second for half a gigabyte.
  process.exit(reason === 'a failure' ? FAILED : 0)
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
