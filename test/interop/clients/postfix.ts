// SPDX-License-Identifier: Apache-2.0
/** The mail server that many an application hands its mail to, with the relay as its relayhost. */
import assert from 'node:assert/strict'
import { ms } from '../../../src/base/brand.ts'
import { SystemClock } from '../../../src/base/clock.ts'
import { SmtpDialog } from '../../support/smtp-dialog.ts'
import { gapsIn } from '../gap.ts'
import { RunningPostfix } from '../running-postfix.ts'
import { type Access, type ClientPeer, domainOf, type ModeName, modes } from './client.ts'
import { handIn } from './hand-in.ts'

export const postfix: ClientPeer = {
  name: 'Postfix',
  origin: { debian: ['postfix', 'libsasl2-modules'] },
  needsRoot: true,
  gaps: gapsIn('usr/share/man/man8/smtp.8postfix.gz', { CHUNKING: /CHUNKING|BDAT/i }),
  async open(unpacked, access) {
    const names = Object.keys(modes) as ModeName[]
    const route = (mode: ModeName) =>
      `{${domainOf(mode)} = ${mode}:[localhost]:${access.portOf(mode)}}`
    const running = await RunningPostfix.start(unpacked, {
      main: {
        transport_maps: `inline:{ ${names.map(route).join(' ')} }`,
        smtp_tls_CAfile: access.certificateFile,
        smtp_sasl_security_options: 'noanonymous',
        smtp_helo_name: 'client.example',
      },
      services: names.map((mode) => serviceOf(mode, access)).join(''),
    })
    return {
      async submit(submission) {
        const before = running.log().length
        await using dialog = await SmtpDialog.open(running.ports[0] ?? 0)
        const id = /queued as (\w+)/.exec(await handIn(dialog, submission))?.[1]
        assert.ok(id)
        const isOver = new RegExp(` ${id}: (?:removed|to=.*status=deferred)`)
        const log = () => running.log().slice(before)
        while (!isOver.test(log())) await new SystemClock().sleep(ms(20))
        // Of this message: reports about those before may be on their way.
        const isBad = new RegExp(` ${id}: .*status=(?:deferred|bounced)`)
        return { isGood: !isBad.test(log()), log: log() }
      },
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    }
  },
}

/** A transport for each way to open a session. */
function serviceOf(mode: ModeName, access: Access): string {
  const { tls, mechanism } = modes[mode]
  const options = [`smtp_tls_security_level=${tls === 'clear' ? 'none' : 'secure'}`]
  if (tls === 'implicit') options.push('smtp_tls_wrappermode=yes')
  if (mechanism !== null)
    options.push(
      'smtp_sasl_auth_enable=yes',
      `smtp_sasl_mechanism_filter=${mechanism.toLowerCase()}`,
      `smtp_sasl_password_maps=static:${access.userNameOf(mode)}:${access.secretOf(mode)}`,
    )
  return `${mode} unix - - n - - smtp${options.map((option) => ` -o ${option}`).join('')}\n`
}
