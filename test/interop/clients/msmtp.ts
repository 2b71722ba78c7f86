// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { gapsIn } from '../gap.ts'
import { type ClientPeer, modes } from './client.ts'

export const msmtp: ClientPeer = {
  name: 'msmtp',
  origin: { debian: ['msmtp'] },
  gaps: gapsIn('usr/share/man/man1/msmtp.1.gz', {
    '8BITMIME': /8BITMIME/i,
    SMTPUTF8: /SMTPUTF8/i,
    CHUNKING: /CHUNKING|BDAT/i,
  }),
  async open(unpacked, access) {
    const configuration = join(access.folder, 'msmtprc')
    return {
      async submit({ mode, sender, recipients, content, asksForDsn }) {
        const { tls, mechanism } = modes[mode]
        const lines = [
          'account default',
          'host localhost',
          `port ${access.portOf(mode)}`,
          'domain client.example',
          `from ${sender}`,
        ]
        if (tls !== 'clear') {
          const way = tls === 'starttls' ? 'on' : 'off'
          lines.push('tls on', `tls_starttls ${way}`, `tls_trust_file ${access.certificateFile}`)
        } else lines.push('tls off')
        if (mechanism === null) lines.push('auth off')
        else lines.push(`auth ${mechanism.toLowerCase()}`, `user ${access.userNameOf(mode)}`)
        if (mechanism !== null) lines.push(`password ${access.secretOf(mode)}`)
        if (asksForDsn) lines.push('dsn_notify success,failure', 'dsn_return headers')
        writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 })
        const { code, stdout, stderr } = await runProgram(
          unpacked.program('usr/bin/msmtp'),
          ['-C', configuration, '--', ...recipients],
          {
            environment: unpacked.environment,
            // It wants the line ends of the system.
            input: Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
          },
        )
        return { isGood: code === 0, log: `${stdout}${stderr}` }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}
