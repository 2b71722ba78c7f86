// SPDX-License-Identifier: Apache-2.0
/** Python's own library, as `smtplib.SMTP.sendmail` is used. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finished } from '../../support/command-line.ts'
import { runProgram } from '../../support/finished-program.ts'
import { gapsIn } from '../gap.ts'
import type { Unpacked } from '../packages.ts'
import { type ClientPeer, modes } from './client.ts'

const SCRIPT = `
import json, smtplib, ssl, sys
a = json.load(sys.stdin)
content = open(a['file'], 'rb').read()
tls = ssl.create_default_context(cafile=a['certificateFile'])
if a['tls'] == 'implicit':
    server = smtplib.SMTP_SSL('localhost', a['port'], 'client.example', context=tls)
else:
    server = smtplib.SMTP('localhost', a['port'], 'client.example')
if a['tls'] == 'starttls':
    server.starttls(context=tls)
server.ehlo()
if a['mechanism']:
    server.user, server.password = a['userName'], a['secret']
    server.auth(a['mechanism'], getattr(server, 'auth_' + a['mechanism'].lower()))
refused = server.sendmail(a['sender'], a['recipients'], content, a['mail'], a['rcpt'])
server.quit()
print(refused)
`

const SOURCE = 'import inspect, smtplib; print(inspect.getsource(smtplib))'

/** Of the system where that has one. */
function python(unpacked: Unpacked, script: string, input = ''): Promise<Finished> {
  const program = unpacked.program('usr/bin/python3')
  const home = program.startsWith(unpacked.root) ? { PYTHONHOME: unpacked.path('usr') } : {}
  const environment = { ...unpacked.environment, ...home }
  return runProgram(program, ['-c', script], { input, environment })
}

export const smtplib: ClientPeer = {
  name: 'smtplib',
  origin: { debian: ['python3', 'python3-minimal', 'libpython3-stdlib'] },
  gaps: gapsIn(async (unpacked) => (await python(unpacked, SOURCE)).stdout, {
    SCRAM: /SCRAM/i,
    CHUNKING: /BDAT|CHUNKING/i,
  }),
  async open(unpacked, access) {
    const file = join(access.folder, 'smtplib.eml')
    return {
      async submit({ mode, sender, recipients, content, ...wishes }) {
        writeFileSync(file, content)
        const mail = wishes.declares8Bit ? ['BODY=8BITMIME'] : []
        if (wishes.needsUtf8) mail.push('SMTPUTF8')
        if (wishes.asksForDsn) mail.push('RET=HDRS', 'ENVID=QQ314159')
        const input = JSON.stringify({
          ...modes[mode],
          certificateFile: access.certificateFile,
          port: access.portOf(mode),
          userName: access.userNameOf(mode),
          file,
          sender,
          recipients,
          mail,
          rcpt: wishes.asksForDsn ? ['NOTIFY=SUCCESS,FAILURE'] : [],
          secret: access.secretOf(mode),
        })
        const { code, stdout, stderr } = await python(unpacked, SCRIPT, input)
        return { isGood: code === 0, log: `${stdout}${stderr}` }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}
