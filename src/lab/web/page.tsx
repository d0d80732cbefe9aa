/** @file The lab's page: where its script begins. */

import { render } from 'preact';

const place = document.getElementById('lab');
if (place !== null) render(<p>The lab</p>, place);
