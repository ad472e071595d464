/** The page of the console: a file, since it names the scripts, whose names change by content. */
import { Asset } from '../base/asset.ts';

export const newConsolePage = () => new Asset<string>('/console/page.txt', (file) => file.text());
