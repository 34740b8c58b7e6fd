/** What `lib` knows of WebAssembly only together with the whole DOM. */

declare namespace WebAssembly {
  function compile(bytes: BufferSource): Promise<Module>
}
