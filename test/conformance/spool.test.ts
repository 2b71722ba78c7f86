// SPDX-License-Identifier: Apache-2.0
import { journalRig } from '../support/journal-rig.ts'
import { spoolConformance } from './spool.ts'

spoolConformance('the journal', () => journalRig())
