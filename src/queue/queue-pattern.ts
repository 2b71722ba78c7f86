// SPDX-License-Identifier: Apache-2.0
/** Names several queues at once: a queue name in which `*` stands for any characters. */

/** `bulk*:shop@*`; a plain name matches itself alone. */
export function queueMatcher(pattern: string): (queue: string) => boolean {
  if (!pattern.includes('*')) return (queue) => queue === pattern
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  const expression = new RegExp(`^${source}$`)
  return (queue) => expression.test(queue)
}
