/**
 * Where the two shares of the sealing key go at the first start: a file each, for two people to take away. As long as
 * they lie here the machine could name every patient of its log by itself, so the start says so until they are gone.
 */

import { access, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'

const names = ['resolution-share-1.txt', 'resolution-share-2.txt'] as const

const sentence = (share: string, place: number): string =>
  `${share}

Share ${place + 1} of 2 of the key that names the patients in Garde's audit log.
Print it twice, give it to one person, and delete this file. The other share goes to somebody else.
Neither share says anything alone. When one is lost, the names are lost for good.
`

/** For `loadPseudonymKeys`. Durable when it resolves; files of an interrupted start are replaced. */
export const fileShares =
  (dataDirectory: string) =>
  async (shares: readonly [string, string]): Promise<void> => {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
    for (const [place, share] of shares.entries()) {
      const path = join(dataDirectory, names[place] ?? '')
      const file = await open(`${path}.new`, 'w', 0o600)
      await file.writeFile(sentence(share, place))
      await file.sync()
      await file.close()
      await rename(`${path}.new`, path)
    }
    const directory = await open(dataDirectory, 'r')
    await directory.sync()
    await directory.close()
  }

/** The share files that nobody has taken away yet. */
export async function sharesLeft(dataDirectory: string): Promise<string[]> {
  const left: string[] = []
  for (const name of names) {
    const path = join(dataDirectory, name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      left.push(path)
  }
  return left
}
