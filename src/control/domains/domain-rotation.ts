// SPDX-License-Identifier: Apache-2.0
/** Begins to rotate the keys of a sending domain, and tells so. Check-ups bring it to its end. */
import type { DomainView } from '../../records/domains/domain-service.ts'
import { askForRotation } from '../../records/domains/key-rotation.ts'
import type { TenantScope } from '../../records/tenant-scope.ts'
import type { CheckupContext } from './domain-checkup.ts'
import { rotatingFacts } from './domain-facts.ts'

export async function rotateKeys(
  { records, host, tell }: Pick<CheckupContext, 'records' | 'host' | 'tell'>,
  scope: TenantScope,
  name: string,
): Promise<DomainView> {
  const { view, isNew } = await askForRotation(records, scope, name, host)
  if (isNew) await tell(rotatingFacts(view.domain, view.keys))
  return view
}
