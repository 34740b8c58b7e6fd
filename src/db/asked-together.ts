/**
 * One statement for all who ask at once. Nothing is kept: whoever comes while a question is on its way waits for the next,
 * so that nobody is answered with what was read before they asked.
 */

interface Question<Key, Value> {
  keys: Set<Key>
  answer: PromiseWithResolvers<ReadonlyMap<Key, Value>>
}

/** `ask` gets each key once, at least one; a key it does not answer is undefined. Its failure is everybody's who waited. */
export function askedTogether<Key, Value>(
  ask: (keys: Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let gathering: Question<Key, Value> | undefined
  let asking = false

  async function askWhileAnybodyWaits(): Promise<void> {
    asking = true
    for (let question = gathering; question; question = gathering) {
      gathering = undefined
      await ask([...question.keys]).then(question.answer.resolve, question.answer.reject)
    }
    asking = false
  }

  return async (key) => {
    const question = (gathering ??= { keys: new Set(), answer: Promise.withResolvers() })
    question.keys.add(key)
    if (!asking) void askWhileAnybodyWaits()
    return (await question.answer.promise).get(key)
  }
}
