/**
 * A real Chromium out of `node_modules`, with a virtual authenticator (CDP WebAuthn) for passkeys. `CHROMIUM_PATH` names
 * another one, for platforms the package has no binary for.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core'

export interface TestBrowser {
  browser: Browser
  close(): Promise<void>
}

export async function launchChromium(): Promise<TestBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'garde-chromium-'))
  const program = process.env['CHROMIUM_PATH']
    ? { path: process.env['CHROMIUM_PATH'], env: {} }
    : await extract(folder)
  const browser = await chromium.launch({
    executablePath: program.path,
    env: { ...process.env, ...program.env, TMPDIR: folder, HOME: folder },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  })
  return {
    browser,
    close: async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The package unpacks into the temporary directory and reuses what it finds there: each run has its own. */
async function extract(folder: string): Promise<{ path: string; env: Record<string, string> }> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium')
    packaged.setGraphicsMode = false
    const path = await packaged.executablePath()
    if (starts(path, {})) return { path, env: {} }
    // A machine without the libraries of a desktop: the package brings those too.
    const bin = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../bin')
    await inflate(join(bin, 'al2023.tar.br'))
    return { path, env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib') } }
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

function starts(path: string, env: Record<string, string>): boolean {
  try {
    execFileSync(path, ['--version'], { env: { ...process.env, ...env }, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface VirtualAuthenticator {
  session: CDPSession
  id: string
  /** Passkeys it holds now. */
  count(): Promise<number>
}

/** A platform authenticator with resident keys that always verifies its user. */
export async function addAuthenticator(context: BrowserContext, page: Page): Promise<VirtualAuthenticator> {
  const session = await context.newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    session,
    id: authenticatorId,
    count: async () =>
      (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
  }
}
