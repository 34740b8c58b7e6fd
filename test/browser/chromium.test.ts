import { expect, test } from 'vitest'
import { addAuthenticator, launchChromium } from '../support/chromium.ts'

test('the packaged Chromium starts and has a virtual authenticator', async () => {
  const { browser, close } = await launchChromium()
  const context = await browser.newContext()
  const page = await context.newPage()
  expect(await (await addAuthenticator(context, page)).count()).toBe(0)
  await close()
})
