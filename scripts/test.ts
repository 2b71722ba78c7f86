// SPDX-License-Identifier: Apache-2.0
/** `npm test`: the checks of `npm run check`, then scenarios, with node's summary at the end. */
import { scenarios, structureSteps, unitTests } from './check-steps.ts'
import { runShown, runSteps } from './steps.ts'

const isSound = await runSteps([...structureSteps, ...unitTests])
console.log()
const isTested = await runShown(scenarios)
if (!isSound) console.error('\nThe tests above ran, but a check before them failed; see the top.')
process.exitCode = isSound && isTested ? 0 : 1
