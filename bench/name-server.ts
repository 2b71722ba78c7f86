// SPDX-License-Identifier: Apache-2.0
/** The name server of a benchmark, a process of its own. Its first argument is the groups of receivers, as JSON. */
import { ZoneServer } from '../src/dns/zone-server.ts'
import { type ReceiverGroup, recordsOf } from './receiver-groups.ts'

const groups: readonly ReceiverGroup[] = JSON.parse(process.argv[2] ?? '[]')
const server = await ZoneServer.start({ records: groups.flatMap((group) => [...recordsOf(group)]) })
process.send?.(server.port)
