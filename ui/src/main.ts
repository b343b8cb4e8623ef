import { mount } from 'svelte';
import App from './App.svelte';
import { openBackend } from './backend/backend';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the interface');
mount(App, { target, props: { backend: await openBackend() } });
