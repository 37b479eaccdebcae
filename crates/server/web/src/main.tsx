import './styles/base.css'
import './styles/controls.css'
import './styles/layout.css'
import './styles/table.css'
import './styles/dialog.css'

import { render } from 'preact'

import { App } from './app'

const root = document.getElementById('root')
if (root) render(<App />, root)
