// SPDX-License-Identifier: Apache-2.0
/** `posthaste restart`: replaces the workers of a running relay one by one. */
import type { Command } from 'commander'
import { RelayError } from '../../../base/errors.ts'
import type { DeskStatus } from '../../../control/desk/mail-desk.ts'
import type { Shell } from '../shell.ts'

export function define(command: Command, shell: Shell): void {
  command.action(async () => {
    const relay = await shell.relay()
    const { supervisorPid } = await relay.get<DeskStatus>('/v1/status')
    if (supervisorPid === null)
      throw new RelayError(
        'RLY_USAGE',
        'this relay is one process: stop it and start it again, or run it with --workers',
      )
    process.kill(supervisorPid, 'SIGUSR2')
    shell.terminal.result(
      { supervisorPid },
      () => 'Workers are being replaced one by one; the log says when the last one is.',
    )
  })
}
