// SPDX-License-Identifier: Apache-2.0
/** Exim as applications call it: one process takes the mail on its standard input and delivers it before it ends. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { gapsIn } from '../gap.ts'
import { ownedBy, within } from '../private-system.ts'
import { type Access, type ClientPeer, type ModeName, modes, type Submission } from './client.ts'

export const EXIM_USER = 'Debian-exim'

export const exim: ClientPeer = {
  name: 'Exim',
  origin: { debian: ['exim4-daemon-light'] },
  needsRoot: true,
  // Exim 4.96 passes octets on and declares nothing.
  gaps: gapsIn('usr/sbin/exim4', { SCRAM: /SCRAM|gsasl/i, '8BITMIME': /BODY=/ }),
  async open(unpacked, access) {
    const program = unpacked.path('usr/sbin/exim4')
    // Set-uid in the package, which would drop the path of the libraries.
    chmodSync(program, 0o755)
    const system = { folder: access.folder, users: [EXIM_USER] }
    const configuration = join(access.folder, 'exim.conf')
    let count = 0
    return {
      async submit(submission) {
        // One after the other has a spool of its own: what went wrong with a host before is not remembered.
        const spool = ownedBy(EXIM_USER, system, join(access.folder, `exim-${++count}`))
        writeFileSync(configuration, configurationOf(program, spool, access, submission.mode))
        chmodSync(configuration, 0o644)
        const command = within(system, [program, '-C', configuration, '-odi', '-bs'])
        const { stdout, stderr } = await runProgram(command[0], command.slice(1), {
          input: dialogOf(submission),
          environment: unpacked.environment,
        })
        const file = join(spool, 'mainlog')
        const told = existsSync(file) ? readFileSync(file, 'utf8') : ''
        const isGood = / Completed$/m.test(told) && !/ (?:\*\*|==) /.test(told)
        return { isGood, log: `${stdout}${stderr}${told}` }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}

function configurationOf(program: string, spool: string, access: Access, mode: ModeName): string {
  const { tls, mechanism } = modes[mode]
  const secret = access.secretOf(mode)
  const userName = access.userNameOf(mode)
  const said = mechanism === 'LOGIN' ? `: ${userName} : ${secret}` : `^${userName}^${secret}`
  return `
exim_path = ${program}
spool_directory = ${spool}
log_file_path = ${spool}/%slog
primary_hostname = client.example
keep_environment = LD_LIBRARY_PATH
deliver_drop_privilege = true
host_lookup =
tls_advertise_hosts =
smtp_enforce_sync = false
chunking_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
acl_smtp_rcpt = accept
acl_smtp_data = accept
begin routers
all:
  driver = manualroute
  domains = *
  route_list = * localhost
  self = send
  transport = relay
begin transports
relay:
  driver = smtp
  ${tls === 'implicit' ? 'protocol = smtps' : ''}
  port = ${access.portOf(mode)}
  allow_localhost
  hosts_try_fastopen =
  tls_verify_certificates = ${access.certificateFile}
  ${tls === 'clear' ? 'hosts_avoid_tls = *' : 'hosts_require_tls = *'}
  ${mechanism === null ? '' : 'hosts_require_auth = *'}
begin retry
* * F,1m,2s
begin authenticators
${mechanism === null ? '' : `way:\n  driver = plaintext\n  public_name = ${mechanism}\n  client_send = ${said}\n`}
`
}

function dialogOf(submission: Submission): Buffer {
  const { sender, recipients, content } = submission
  const mail = [`MAIL FROM:<${sender}>`]
  if (submission.declares8Bit) mail.push('BODY=8BITMIME')
  if (submission.needsUtf8) mail.push('SMTPUTF8')
  if (submission.asksForDsn) mail.push('RET=HDRS', 'ENVID=QQ314159')
  const notify = submission.asksForDsn ? ' NOTIFY=SUCCESS,FAILURE' : ''
  const lines = ['EHLO application.example', mail.join(' ')]
  for (const recipient of recipients) lines.push(`RCPT TO:<${recipient}>${notify}`)
  lines.push('DATA', '')
  const stuffed = content.toString('latin1').replaceAll(/^\./gm, '..')
  return Buffer.concat([
    Buffer.from(lines.join('\r\n')),
    Buffer.from(stuffed, 'latin1'),
    Buffer.from('.\r\nQUIT\r\n'),
  ])
}
