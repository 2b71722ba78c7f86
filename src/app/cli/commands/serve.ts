// SPDX-License-Identifier: Apache-2.0
/** `posthaste serve`: the relay, until SIGTERM. SIGHUP reads the configuration and certificates again, all or nothing. */
import type { Command } from 'commander'
import { messageOf } from '../../../base/errors.ts'
import { createLog, type Log } from '../../../base/log.ts'
import type { Relay } from '../../relay.ts'
import type { Shell } from '../shell.ts'

const HELP = `
Signals:
  SIGTERM, SIGINT   take nothing new, finish what is in hand, end
  SIGHUP            read configuration and certificates again, all or nothing`

export function define(command: Command, shell: Shell): void {
  command.addHelpText('after', HELP).action(async () => {
    // Loaded here, since all other commands start faster without them.
    const { LiveConfig } = await import('../../live-config.ts')
    const { Relay } = await import('../../relay.ts')
    const live = LiveConfig.load(shell.configFile())
    const log = createLog(live.current.config.logLevel)
    const end = Promise.withResolvers<string>()
    const relay = await Relay.start(live, log, () => end.resolve('a failure'))
    const { submission, operations } = relay.ports
    log.info(
      { submission, operations, dataDir: live.current.config.dataDir, pid: process.pid },
      'taking mail',
    )
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => end.resolve(signal))
    process.on('SIGHUP', () => reload(relay, log))
    const reason = await end.promise
    log.info({ reason }, 'draining')
    await relay.stop()
    log.info({}, 'ended')
    if (reason === 'a failure') process.exitCode = 70
  })
}

function reload(relay: Relay, log: Log): void {
  try {
    const needRestart = relay.reload()
    if (needRestart.length === 0) log.info({}, 'the configuration was read again and is in force')
    else log.warn({ needRestart }, 'the configuration was read again; these keys need a restart')
  } catch (thrown) {
    // RLY_CONFIG_*: what was in force stays.
    log.error({ error: messageOf(thrown) }, 'the new configuration is wrong; nothing was changed')
  }
}
