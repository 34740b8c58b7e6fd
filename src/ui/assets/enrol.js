// An invitation's token stands in the fragment, which no server sees: it is moved into the form, taken off the address
// (history, screens that are shared), and sent. On a page where an invitation is already open, another one replaces it.

function open() {
  const token = location.hash.slice(1)
  if (token === '') return
  history.replaceState(null, '', location.pathname)
  const form = document.querySelector('#link-form')
  const field = document.querySelector('#link')
  if (form instanceof HTMLFormElement && field instanceof HTMLInputElement) {
    field.value = token
    form.requestSubmit()
  } else {
    sendElsewhere(token)
  }
}

/** @param {string} token */
function sendElsewhere(token) {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = '/signin/enrol'
  const field = document.createElement('input')
  field.type = 'hidden'
  field.name = 'link'
  field.value = token
  form.append(field)
  document.body.append(form)
  form.submit()
}

addEventListener('hashchange', open)
open()
