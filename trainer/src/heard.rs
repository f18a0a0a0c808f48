//! A world's scenes as a network hears them.

use anyhow::Result;
use heimdall_model::{Constellation, FeatureSettings, Planes, ReceiverInput, Site, planes};
use heimdall_simulate::world::{Fields, Split, Station, World, scene_draw};
use heimdall_simulate::{IqWorkspace, simulate_receivers};

/// A world's receivers, and how their recordings become planes.
pub(crate) struct Contract {
    pub(crate) constellation: Constellation,
    pub(crate) settings: FeatureSettings,
}

impl Contract {
    pub(crate) fn of(world: &World) -> Result<Self> {
        let site = |station: &Station| Site { name: station.name.clone(), position: station.position };
        let sites = world.constellation.iter().map(site).collect();
        let constellation = Constellation::new(world.constellation_name.clone(), sites)?;
        Ok(Self { constellation, settings: FeatureSettings::for_rate(world.on_air.sample_rate_hz)? })
    }

    /// Planes of scene `index` of a part, simulated as IQ, and which receivers took part; those in `without` did not.
    pub(crate) fn hear(
        &self,
        fields: &Fields,
        part: Split,
        index: usize,
        without: &[usize],
    ) -> Result<(Planes, Vec<bool>)> {
        let world = fields.world();
        let draw = scene_draw(fields, part, index, &world.on_air)?;
        let mut workspace = IqWorkspace::default();
        let iq = simulate_receivers(&draw, &mut workspace)?;
        let heard = iq.iter().zip(&world.constellation).enumerate();
        let inputs: Vec<Option<ReceiverInput>> = heard
            .map(|(receiver, (recorded, station))| {
                (!recorded.iq.is_empty() && !without.contains(&receiver)).then_some(ReceiverInput {
                    samples: &recorded.iq,
                    sample_rate_hz: draw.sample_rate_hz,
                    full_scale_dbm: draw.full_scale_dbm,
                    start_s: 0.0,
                    common_clock: world.delay.is_some() && station.shared_clock,
                })
            })
            .collect();
        let made = planes(&self.constellation, &self.settings, &inputs)?;
        Ok((made, inputs.iter().map(Option::is_some).collect()))
    }
}
