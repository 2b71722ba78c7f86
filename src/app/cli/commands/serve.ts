// SPDX-License-Identifier: Apache-2.0
/** `posthaste serve`: the relay, until SIGTERM; one process, or a supervisor with workers and a control process. */
import { enableCompileCache } from 'node:module'
import type { Command } from 'commander'
import { compileCacheFolder } from '../../data-files.ts'
import { ensureMemoryFlags } from '../../process-memory.ts'
import type { Shell } from '../shell.ts'
import { workersArgument } from '../workers-argument.ts'

const HELP = `
Signals:
  SIGTERM, SIGINT   take nothing new, finish what is in hand, end
  SIGHUP            read configuration and certificates again, all or nothing
  SIGUSR2           with --workers: replace the workers one by one`

interface ServeFlags {
  readonly workers: number
  /** Set by the supervisor, never by hand: `worker:0/4`, `control:4`, `spare`. */
  readonly as?: string
  readonly ports?: string
}

export function define(command: Command, shell: Shell): void {
  command
    .option(
      '--workers <count>',
      'processes that share the mail; "auto": one a core',
      workersArgument,
      1,
    )
    .addOption(command.createOption('--as <role>').hideHelp())
    .addOption(command.createOption('--ports <numbers>').hideHelp())
    .addHelpText('after', HELP)
    .action(async ({ workers, as, ports }: ServeFlags) => {
      const { dataDir, maxMemory } = await shell.config()
      ensureMemoryFlags(maxMemory)
      // Where it cannot be, all is compiled anew.
      enableCompileCache(compileCacheFolder(dataDir))
      // Loaded here, since all other commands start faster without them.
      const roles = await import('../../roles.ts')
      const file = shell.configFile()
      if (as !== undefined) await roles.serveAs(file, as, (ports ?? '').split(',').map(Number))
      else if (workers > 1) await roles.serveMany(file, workers)
      else await roles.serveAlone(file)
    })
}
