'use client';
import { BrokenPage } from '../../features/frame/broken-page.tsx';

export default BrokenPage;
