// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { EXIM_USER } from '../clients/exim.ts'
import { ownedBy, within } from '../private-system.ts'
import { RunningServer } from '../running-server.ts'
import type { Place, ReceiverPeer } from './receiver.ts'

export const exim: ReceiverPeer = {
  name: 'Exim',
  origin: { debian: ['exim4-daemon-light'] },
  needsRoot: true,
  async open(unpacked, place) {
    const program = unpacked.path('usr/sbin/exim4')
    // Set-uid in the package, which would drop the path of the libraries.
    chmodSync(program, 0o755)
    const system = { folder: place.folder, users: [EXIM_USER] }
    const spool = ownedBy(EXIM_USER, system, join(place.folder, 'spool'))
    // Read by that user.
    chmodSync(place.keyFile, 0o644)
    const port = await freePort()
    const clearPort = await freePort()
    const configuration = join(place.folder, 'exim.conf')
    writeFileSync(configuration, configurationOf({ program, spool, port, clearPort }, place))
    chmodSync(configuration, 0o644)
    const server = await RunningServer.start(place.folder, {
      command: within(system, [program, '-C', configuration, '-bdf', '-q1s']),
      environment: unpacked.environment,
      port: clearPort,
    })
    const logFile = join(spool, 'mainlog')
    return {
      port,
      clearPort,
      kept: null,
      gaps: {},
      log: () => server.log() + (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}

interface Installation {
  readonly program: string
  readonly spool: string
  readonly port: number
  readonly clearPort: number
}

function configurationOf(installation: Installation, place: Place): string {
  const { program, spool, port, clearPort } = installation
  return `
exim_path = ${program}
spool_directory = ${spool}
log_file_path = ${spool}/%slog
pid_file_path = ${spool}/exim.pid
primary_hostname = exim.localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port} : ${clearPort}
tls_advertise_hosts = \${if eq{$received_port}{${port}}{*}{}}
tls_certificate = ${place.certificateFile}
tls_privatekey = ${place.keyFile}
keep_environment = LD_LIBRARY_PATH
deliver_drop_privilege = true
host_lookup =
rfc1413_query_timeout = 0s
chunking_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
acl_smtp_rcpt = recipients
acl_smtp_data = accept
begin acl
recipients:
  deny local_parts = ${place.unknown}
       message = 550 5.1.1 No such user
  accept
begin routers
all:
  driver = manualroute
  domains = *
  route_list = * 127.0.0.1
  self = send
  transport = store
begin transports
store:
  driver = smtp
  port = ${place.storePort}
  allow_localhost
  hosts_try_fastopen =
  hosts_avoid_tls = *
begin retry
* * F,1m,2s
`
}
