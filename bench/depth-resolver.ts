// SPDX-License-Identifier: Apache-2.0
/** The name server of the depth benchmark, a process of its own: all groups of receivers. Started by `depth-run.ts`. */
import { ZoneServer } from '../src/dns/zone-server.ts'
import { down, healthy, recordsOf, returning } from './depth-names.ts'

const records = [down, healthy, returning].flatMap((group) => [...recordsOf(group)])
const server = await ZoneServer.start({ records })
process.send?.(server.port)
